extern int nothing_yet; int nothing_yet;
