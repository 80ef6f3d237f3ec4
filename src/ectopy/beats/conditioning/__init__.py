"""From raw leads to what is searched and measured: band, canonical form, quality by second."""
