"""`python -m bench.scores`: a corpus goes in, scores of how well mail is read come out; none may fall."""
