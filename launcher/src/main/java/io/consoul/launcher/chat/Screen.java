package io.consoul.launcher.chat;

/** What the user sees. */
interface Screen {

  /** A piece of the answer. */
  void print(String piece);

  /** The end of what was printed is void; the answer goes on with this. */
  void rewrite(String piece);

  /** Something has happened that does not end the answer. */
  void note(String line);

  /** A message has failed. */
  void error(String line);

  /** The answer is over. */
  void finish(String summary);
}
