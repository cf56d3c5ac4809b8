"""The pages after the award, by the work they serve."""
