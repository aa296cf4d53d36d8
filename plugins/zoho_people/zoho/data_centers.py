"""Zoho's data centres: whose they are, and which hosts they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoho_people.zoho.echo import echo
from zoho_people.zoho.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class DataCenter:
    """One data centre: *domain* is what its API and its accounts server have in common."""

    name: str
    country: str
    domain: str

    @property
    def api_url(self) -> str:
        """Base of its API."""
        return f"https://people.{self.domain}"

    @property
    def accounts_url(self) -> str:
        """Its accounts server, which mints access tokens."""
        return f"https://accounts.{self.domain}"


DATA_CENTERS: Mapping[str, DataCenter] = {
    name: DataCenter(name, country, domain)
    for name, country, domain in (
        ("us", "United States", "zoho.com"),
        ("eu", "Europe", "zoho.eu"),
        ("in", "India", "zoho.in"),
        ("au", "Australia", "zoho.com.au"),
        ("jp", "Japan", "zoho.jp"),
        ("cn", "China", "zoho.com.cn"),
        ("ca", "Canada", "zohocloud.ca"),
        ("sa", "Saudi Arabia", "zoho.sa"),
    )
}
"""By name (Zoho, "Multi-DC support")."""

_UNITED_KINGDOM = ("uk", "gb")
"""What is taken for a data centre of its own; these accounts live in Europe's."""

DEFAULT = "us"


def data_center(name: object) -> DataCenter:
    """The data centre *name*, that of the United States where it is empty.

    :raises InvalidSettings: for an unknown one, with those that are known.
    """
    known = name or DEFAULT
    if isinstance(known, str) and known in DATA_CENTERS:
        return DATA_CENTERS[known]
    if str(known).strip().lower() in _UNITED_KINGDOM:
        raise InvalidSettings(
            f"connection extra.data_center {echo(name)} is none of Zoho's: the accounts of the United Kingdom "
            "live in the data centre eu; write eu"
        )
    choices = ", ".join(f"{center.name} ({center.country})" for center in DATA_CENTERS.values())
    raise InvalidSettings(
        f"connection extra.data_center {echo(name)} is unknown; use one of: {choices}; for another one leave it "
        "out and set host and extra.accounts_url, which the deployer has to allow"
    )


def data_center_of(host: str) -> DataCenter | None:
    """The data centre that *host* is a server of; None where it is none of Zoho's."""
    centers = DATA_CENTERS.values()
    own = (each for each in centers if f"https://{host}" in (each.api_url, each.accounts_url))
    return next(own, None)
