def run(*_): return True
