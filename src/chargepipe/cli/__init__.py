"""The command line. Django and all the rest are imported inside commands, so --help is quick."""
