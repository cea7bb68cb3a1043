package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads lines from bytes that are cut anywhere, even inside a character: newline-delimited JSON has one value on each. Lines end
 * with LF or CRLF; empty ones and a byte order mark are passed over.
 */
public final class LineParser {

  /** Longest line in bytes: more is no value of a sane server. */
  public static final int LIMIT = 1 << 20;

  private static final int FIRST_CAPACITY = 512;

  private byte[] line = new byte[FIRST_CAPACITY];
  private int length;
  private boolean atStart = true;

  /**
   * @param lines called for every line that these bytes complete
   * @throws Overflow when the server is not sane
   */
  public void feed(Buffer chunk, Consumer<String> lines) {
    byte[] bytes = chunk.getBytes();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        keep(bytes, start, i);
        endOfLine(lines);
        start = i + 1;
      }
    }
    keep(bytes, start, bytes.length);
  }

  /** The server has ended: what it left without its line feed counts as a line, too; it may be cut. */
  public void end(Consumer<String> lines) {
    endOfLine(lines);
  }

  private void keep(byte[] bytes, int from, int to) {
    int added = to - from;
    if (added > LIMIT - length) {
      throw new Overflow(LIMIT);
    }
    if (length + added > line.length) {
      line = Arrays.copyOf(line, Math.max(length + added, Math.min(LIMIT, 2 * line.length)));
    }
    System.arraycopy(bytes, from, line, length, added);
    length += added;
  }

  private void endOfLine(Consumer<String> lines) {
    int from = atStart && hasByteOrderMark() ? 3 : 0;
    int to = length > from && line[length - 1] == '\r' ? length - 1 : length;
    atStart = false;
    length = 0;
    if (to > from) {
      lines.accept(new String(line, from, to - from, UTF_8));
    }
  }

  private boolean hasByteOrderMark() {
    return length >= 3
        && line[0] == (byte) 0xEF
        && line[1] == (byte) 0xBB
        && line[2] == (byte) 0xBF;
  }
}
