"""Who does the work: processes of this machine, or a Dask cluster; archive and studies ask both."""
