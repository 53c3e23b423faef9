// The control plane: who decides which instance is the writer, and how the rest of the world learns
// of it. `README.md` in this folder says what it must do and how.
