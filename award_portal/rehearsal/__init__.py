"""The rehearsal: a travelled clock and made-up applicants living a round to its end; never outside rehearsal."""
