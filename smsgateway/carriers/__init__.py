"""Carriers: who takes a text to a phone, behind one seam (`base.Carrier`)."""
