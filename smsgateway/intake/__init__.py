"""From files to rows: the organisation, and the visits of its units."""
