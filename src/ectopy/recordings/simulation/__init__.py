"""A simulator of continuous ECG with annotated beats, for tests and demos."""

from ectopy.recordings.simulation.morphology import Patient, draw_patient
from ectopy.recordings.simulation.rhythm import SimulationParameters
from ectopy.recordings.simulation.simulate import simulate

__all__ = ["Patient", "SimulationParameters", "draw_patient", "simulate"]
