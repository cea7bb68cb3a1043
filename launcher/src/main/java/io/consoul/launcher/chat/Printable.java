package io.consoul.launcher.chat;

/** Text of a model or a server without what a terminal would obey: it could rename the window or fake a prompt. */
final class Printable {

  static String of(String text) {
    if (text.chars().noneMatch(Printable::isCommand)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length());
    text.chars().filter(c -> !isCommand(c)).forEach(c -> printable.append((char) c));
    return printable.toString();
  }

  private static boolean isCommand(int c) {
    return Character.isISOControl(c) && c != '\n' && c != '\t';
  }

  private Printable() {}
}
