"""The whole service on a sample county: a simulated year, then pages on which one plays the patient."""
