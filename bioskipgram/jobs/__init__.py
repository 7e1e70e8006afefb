"""Background processes: training runs, projections and gene maps, watched through status files."""
