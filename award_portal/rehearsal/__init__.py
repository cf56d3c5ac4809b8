"""The rehearsal: a travelled clock, made-up applicants and a round lived to its end. Never outside rehearsal settings."""
