// One DB instance. What is required, which rules hold and what lies in which folder: README.md.
