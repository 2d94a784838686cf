"""What every Pipedrive account has from the start: users and currencies."""

from ..data.people import COLLEAGUE, ME
from ..messages import Row

PERMISSION_SET = "62cc4d7f-4038-4352-abf3-a8c1c822b631"
_DECIMALS = {
    "USD": ("US Dollar", "$", 2),
    "EUR": ("Euro", "€", 2),
    "GBP": ("British Pound", "£", 2),
    "JPY": ("Japanese Yen", "¥", 0),
    "KWD": ("Kuwaiti Dinar", "KD", 3),
    "CHF": ("Swiss Franc", "CHF", 2),
    "SEK": ("Swedish Krona", "kr", 2),
    "CAD": ("Canadian Dollar", "CA$", 2),
    "AUD": ("Australian Dollar", "AU$", 2),
    "INR": ("Indian Rupee", "₹", 2),
    "BRL": ("Brazilian Real", "R$", 2),
    "KRW": ("South Korean Won", "₩", 0),
}


def me() -> Row:
    """GET /v1/users/me: an admin, with the company's attributes."""
    company = {
        "company_id": 7001,
        "company_name": "Sandbox",
        "company_domain": "sandbox",
        "company_country": "EE",
        "company_industry": "IT Services",
        "language": {"language_code": "en", "country_code": "US"},
    }
    return _user(ME, "Sandbox Admin", "admin@sandbox.example", admin=True) | company


def colleague() -> Row:
    """Another active user, without admin rights."""
    return _user(COLLEAGUE, "Sam Seller", "sam@sandbox.example", admin=False)


def currencies() -> list[Row]:
    """GET /v1/currencies."""
    return [
        {
            "id": number,
            "code": code,
            "name": name,
            "symbol": symbol,
            "decimal_points": decimals,
            "active_flag": True,
            "is_custom_flag": False,
        }
        for number, (code, (name, symbol, decimals)) in enumerate(_DECIMALS.items(), start=1)
    ]


def _user(number: int, name: str, email: str, admin: bool) -> Row:
    access = [
        {"app": app, "admin": admin, "permission_set_id": PERMISSION_SET}
        for app in ("sales", "global", "account_settings")
    ]
    return {
        "id": number,
        "name": name,
        "default_currency": "USD",
        "locale": "en_US",
        "lang": 1,
        "email": email,
        "phone": None,
        "activated": True,
        "last_login": "2026-10-30 08:45:56",
        "created": "2023-11-02 09:16:26",
        "modified": "2026-10-30 08:45:56",
        "has_created_company": admin,
        "access": access,
        "active_flag": True,
        "timezone_name": "UTC",
        "timezone_offset": "+00:00",
        "role_id": 1,
        "icon_url": None,
        "is_you": admin,
        "is_deleted": False,
    }
