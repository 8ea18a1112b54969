"""A county on each engine, and one on SQLite where the engine is beside the point."""

from tests.outbox.conftest import county, county_on_both

__all__ = ["county", "county_on_both"]
