"""Figures, HTML reports and model cards, from results only."""
