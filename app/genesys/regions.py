"""The regions of Genesys Cloud, by their AWS name, and the hosts of each.

Source: the region table of Genesys' platform SDK 269, which is that of the CX as Code provider 1.84.
"""

from __future__ import annotations

from collections.abc import Mapping

DOMAINS: Mapping[str, str] = {
    "us-east-1": "mypurecloud.com",
    "us-east-2": "use2.us-gov-pure.cloud",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "eu-west-1": "mypurecloud.ie",
    "eu-west-2": "euw2.pure.cloud",
    "eu-central-1": "mypurecloud.de",
    "eu-central-2": "euc2.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
    "me-central-1": "mec1.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "ap-southeast-2": "mypurecloud.com.au",
    "ap-northeast-1": "mypurecloud.jp",
    "ap-northeast-2": "apne2.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
}
"""The domain of each region, under which `api.`, `login.` and `apps.` are its hosts."""


def api_url(region: str) -> str:
    """Return the address of a region's platform API.

    >>> api_url("eu-central-1")
    'https://api.mypurecloud.de'
    """
    return f"https://api.{DOMAINS[region]}"


def login_url(region: str) -> str:
    """Return the address at which a region issues tokens."""
    return f"https://login.{DOMAINS[region]}"


def apps_url(region: str) -> str:
    """Return the address of a region's applications, which people open and which frame widgets."""
    return f"https://apps.{DOMAINS[region]}"
