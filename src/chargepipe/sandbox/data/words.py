"""Names, companies and places to draw from."""


def _words(text: str) -> list[str]:
    return text.split()


FIRST = _words(
    "Ada Alan Amara Anna Ben Bianca Carlos Chen Clara Daniel Diego Elena Emil Eva Farid Felix "
    "Grace Hanna Hugo Ines Ivan Jana Jonas Kemal Lara Leo Lin Lucia Marco Mei Mina Nadia Noah "
    "Olga Omar Paula Priya Rosa Samir Tom"
)
LAST = _words(
    "Abbott Adler Almeida Bauer Becker Bell Brandt Castro Chen Costa Dang Diaz Duarte Eriksen "
    "Farah Fischer Fontana Garcia Gruber Haas Hansen Ito Jansen Kaya Keller Kim Kovac Kumar Lang "
    "Larsen Lopez Marin Mendes Meyer Mori Nakamura Novak Okafor Olsen Park Patel Perez Petrov "
    "Quinn Ramos Rossi Sato Schmidt Silva Singh Sousa Tanaka Torres Vega Vogel Wagner Weber "
    "Wong Yilmaz Ziegler"
)
UNICODE = (
    ("José", "Peña-Ñúñez"),
    ("Zoë", "Müller-Lüdenscheidt"),
    ("李", "小龍"),
    ("さくら", "山田"),
    ("محمد", "الفارسي"),
    ("Łukasz", "Żółć"),
    ("Rocket 🚀", "O'Neill"),
    ("Ольга", "Иванова"),
)
COMPANY_HEAD = _words(
    "Amber Apex Arbor Atlas Aurora Basalt Birch Blue Bright Cedar Cobalt Copper Coral Crane "
    "Crown Delta Dune Eagle Ember Falcon Fern Flint Forge Fox Garnet Glacier Grove Harbor Hazel "
    "Heron Indigo Iron Ivory Jade Juniper Kestrel Lark Linden Lotus Maple Meadow Mesa Mint Moss "
    "Nova Oak Onyx Opal Orchid Otter Pearl Pine Quartz Raven River Sable Sage Slate Spruce Willow"
)
COMPANY_TAIL = _words(
    "Analytics Audio Bakery Bikes Books Brewing Capital Care Cloud Coffee Consulting Data Design "
    "Energy Engineering Events Farms Fashion Films Finance Fitness Foods Freight Games Garden "
    "Glass Health Homes Hotels Imaging Insurance Labs Learning Legal Lighting Logistics Marine "
    "Media Medical Motors Music Optics Paper Pharma Robotics Security Software Sports Studio "
    "Textiles Travel"
)
COMPANY_FORM = ("GmbH", "Inc", "Ltd", "SARL", "AB", "Co")
PLACES = (
    # country, city, start of a national number, start of the same in E.164
    ("US", "Columbus", "(614) 226-", "+1614226"),
    ("DE", "Berlin", "030 9018", "+49309018"),
    ("GB", "London", "020 7946 ", "+44207946"),
    ("JP", "Tokyo", "03-5253-", "+8135253"),
    ("KW", "Kuwait City", "2225 ", "+9652225"),
    ("FR", "Paris", "01 40 20 ", "+3314020"),
)


def company(index: int) -> str:
    """The company name of an index from 0; no two indexes share one."""
    index, head = divmod(index, len(COMPANY_HEAD))
    index, tail = divmod(index, len(COMPANY_TAIL))
    index, form = divmod(index, len(COMPANY_FORM))
    number = f" {index + 1}" if index else ""
    return f"{COMPANY_HEAD[head]} {COMPANY_TAIL[tail]}{number} {COMPANY_FORM[form]}"
