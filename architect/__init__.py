"""What a user imports into Genesys Cloud, and the machinery to try it on one's own machine."""
