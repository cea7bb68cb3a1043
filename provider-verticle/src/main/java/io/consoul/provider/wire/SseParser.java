package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads server-sent events from bytes that are cut anywhere, even inside a character. Lines end with LF, CRLF or CR;
 * comments, ids, retry times and unknown fields are passed over. Every byte is looked at once, however they are cut.
 */
public final class SseParser {

  /** Longest line, and most data of one event, in bytes: more is no event of a sane server. */
  public static final int LIMIT = 1 << 20;

  private static final byte[] DATA = "data".getBytes(UTF_8);
  private static final byte[] EVENT = "event".getBytes(UTF_8);
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private static final int FIRST_CAPACITY = 512;

  /** The beginning of a line whose end has not come. */
  private byte[] line = new byte[FIRST_CAPACITY];

  private int length;
  private boolean afterCarriageReturn;
  private boolean atStart = true;
  private String name = SseEvent.UNNAMED;

  /** Nearly every event has one line of data, which is not copied again. */
  private String firstLine;

  private StringBuilder moreLines;

  /**
   * @param events called for every event that these bytes complete
   * @throws Overflow when the server is not sane
   */
  public void feed(Buffer chunk, Consumer<SseEvent> events) {
    byte[] bytes = chunk.getBytes();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte next = bytes[i];
      if (next == '\n' && afterCarriageReturn) {
        afterCarriageReturn = false;
        start = i + 1;
      } else if (next == '\n' || next == '\r') {
        endOfLine(bytes, start, i, events);
        afterCarriageReturn = next == '\r';
        start = i + 1;
      } else {
        afterCarriageReturn = false;
      }
    }
    keep(bytes, start, bytes.length);
  }

  /** The server has ended: what it left without its empty line still counts, as far as its lines are whole. */
  public void end(Consumer<SseEvent> events) {
    length = 0;
    dispatch(events);
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

  private void endOfLine(byte[] bytes, int from, int to, Consumer<SseEvent> events) {
    if (length > 0) {
      keep(bytes, from, to);
      int whole = length;
      length = 0;
      line(line, 0, whole, events);
    } else if (to - from > LIMIT) {
      throw new Overflow(LIMIT);
    } else {
      line(bytes, from, to, events);
    }
  }

  private void line(byte[] bytes, int from, int to, Consumer<SseEvent> events) {
    int start = from;
    if (atStart) {
      atStart = false;
      start += beginsWith(BYTE_ORDER_MARK, bytes, from, to) ? BYTE_ORDER_MARK.length : 0;
    }
    if (start == to) {
      dispatch(events);
    } else if (isField(DATA, bytes, start, to)) {
      addData(value(bytes, start + DATA.length, to));
    } else if (isField(EVENT, bytes, start, to)) {
      String value = value(bytes, start + EVENT.length, to);
      name = value.isEmpty() ? SseEvent.UNNAMED : value;
    }
  }

  /** Whether a line is of this field: its name alone, or its name and a colon. */
  private static boolean isField(byte[] field, byte[] bytes, int from, int to) {
    int end = from + field.length;
    return beginsWith(field, bytes, from, to) && (end == to || bytes[end] == ':');
  }

  private static boolean beginsWith(byte[] prefix, byte[] bytes, int from, int to) {
    return to - from >= prefix.length
        && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
  }

  /** What comes after the colon, and after the one space that may follow it. */
  private static String value(byte[] bytes, int colon, int to) {
    int start = Math.min(colon + 1, to);
    if (start < to && bytes[start] == ' ') {
      start++;
    }
    return new String(bytes, start, to - start, UTF_8);
  }

  private void addData(String value) {
    if (firstLine == null) {
      firstLine = value;
      return;
    }
    if (moreLines == null) {
      moreLines = new StringBuilder(firstLine);
    }
    if (value.length() >= LIMIT - moreLines.length()) {
      throw new Overflow(LIMIT);
    }
    moreLines.append('\n').append(value);
  }

  private void dispatch(Consumer<SseEvent> events) {
    String data = moreLines == null ? firstLine : moreLines.toString();
    SseEvent event = data == null || data.isEmpty() ? null : new SseEvent(name, data);
    name = SseEvent.UNNAMED;
    firstLine = null;
    moreLines = null;
    if (event != null) {
      events.accept(event);
    }
  }
}
