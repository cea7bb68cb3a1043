package io.consoul.session;

import java.util.Base64;

/**
 * What was said in a turn between two signs of its provider, as the journal in Redis holds it.
 *
 * @param offset where it begins, in UTF-16 code units; what was there before is said anew
 */
record JournalPiece(int offset, String text) {

  private static final char PLAIN = ' ';

  /** Instead of the space, where the piece is cut inside a surrogate pair and so has no UTF-8 form. */
  private static final char CODE_UNITS = '=';

  String encoded() {
    return isWellFormed()
        ? offset + "" + PLAIN + text
        : offset + "" + CODE_UNITS + Base64.getEncoder().encodeToString(bytes());
  }

  /** Reads what {@link #encoded} wrote. */
  static JournalPiece decoded(String encoded) {
    int end = 0;
    while (Character.isDigit(encoded.charAt(end))) {
      end++;
    }
    int offset = Integer.parseInt(encoded, 0, end, 10);
    String text = encoded.substring(end + 1);
    return encoded.charAt(end) == PLAIN
        ? new JournalPiece(offset, text)
        : new JournalPiece(offset, new String(codeUnits(text)));
  }

  /** What was said with this piece after all before it. */
  void addTo(StringBuilder said) {
    said.setLength(offset);
    said.append(text);
  }

  private boolean isWellFormed() {
    return text.codePoints().noneMatch(point -> point >= 0xD800 && point <= 0xDFFF);
  }

  private byte[] bytes() {
    byte[] bytes = new byte[2 * text.length()];
    for (int i = 0; i < text.length(); i++) {
      bytes[2 * i] = (byte) (text.charAt(i) >> 8);
      bytes[2 * i + 1] = (byte) text.charAt(i);
    }
    return bytes;
  }

  /** One by one: a decoder would replace a half of a pair. */
  private static char[] codeUnits(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    char[] units = new char[bytes.length / 2];
    for (int i = 0; i < units.length; i++) {
      units[i] = (char) ((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF);
    }
    return units;
  }
}
