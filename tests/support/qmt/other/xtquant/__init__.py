# No __version__ here, as in some repackaged builds.
