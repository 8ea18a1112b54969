"""Exports for administrators: streamed row by row, written whole or not at all, never with a phone number."""
