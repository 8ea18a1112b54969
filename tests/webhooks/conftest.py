"""A county whose webhooks are called as the carrier calls them."""

from tests.outbox.conftest import county, county_on_both

__all__ = ["county", "county_on_both"]
