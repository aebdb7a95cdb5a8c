"""Words and tables for people: problems, programs, results and audits as they are printed."""
