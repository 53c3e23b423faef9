// One DB instance. What lies in which folder, and which rules hold, is told in README.md.
