"""Figures: counts kept as things happen, summed up for people, and counted again to prove them."""
