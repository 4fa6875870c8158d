// Nothing is called from outside: the library is loaded in front of a program (LD_PRELOAD).
