"""Running: one component, a whole pipeline on Beam, and a component's own Beam pipeline."""
