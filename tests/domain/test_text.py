from chargepipe.domain.text import NAME_LIMIT, cut, squeeze


def test_blanks_outside_go_and_inside_become_one():
    assert squeeze("  Jane \t\n  Doe\u00a0 ") == "Jane Doe"


def test_nothing_and_blank_are_empty():
    assert squeeze(None) == squeeze("") == squeeze(" \t") == ""


def test_a_name_is_cut_at_what_pipedrive_keeps():
    assert cut("x" * 300) == "x" * 255
    assert NAME_LIMIT == 255


def test_a_cut_name_does_not_end_in_a_blank():
    assert cut("x" * 254 + " y") == "x" * 254


def test_nothing_is_cut_to_an_empty_text():
    assert cut(None) == cut(" ") == ""


def test_a_cut_name_is_squeezed_first():
    assert cut(" a   b ") == "a b"
