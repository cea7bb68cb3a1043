package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads server-sent events from bytes that are cut anywhere, even inside a character. Lines end with LF, CRLF or CR;
 * comments, ids and retry times are passed over.
 */
public final class SseParser {

  /** Longest line, and most data of one event, in bytes: more is no event of a sane server. */
  public static final int LIMIT = 1 << 20;

  private static final int FIRST_CAPACITY = 512;

  private byte[] line = new byte[FIRST_CAPACITY];
  private int length;
  private boolean afterCarriageReturn;
  private boolean atStart = true;
  private String name = SseEvent.UNNAMED;
  private StringBuilder data;

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
        keep(bytes, start, i);
        endOfLine(events);
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

  private void endOfLine(Consumer<SseEvent> events) {
    int from = 0;
    if (atStart) {
      atStart = false;
      from = hasByteOrderMark() ? 3 : 0;
    }
    String text = new String(line, from, length - from, UTF_8);
    length = 0;
    if (text.isEmpty()) {
      dispatch(events);
    } else {
      field(text);
    }
  }

  private boolean hasByteOrderMark() {
    return length >= 3
        && line[0] == (byte) 0xEF
        && line[1] == (byte) 0xBB
        && line[2] == (byte) 0xBF;
  }

  private void field(String text) {
    int colon = text.indexOf(':');
    String field = colon < 0 ? text : text.substring(0, colon);
    int start = colon < 0 ? text.length() : colon + 1;
    String value =
        text.substring(start < text.length() && text.charAt(start) == ' ' ? start + 1 : start);
    if (field.equals("data")) {
      addData(value);
    } else if (field.equals("event")) {
      name = value.isEmpty() ? SseEvent.UNNAMED : value;
    }
  }

  private void addData(String value) {
    if (data == null) {
      data = new StringBuilder(value);
    } else if (value.length() >= LIMIT - data.length()) {
      throw new Overflow(LIMIT);
    } else {
      data.append('\n').append(value);
    }
  }

  private void dispatch(Consumer<SseEvent> events) {
    SseEvent event = data == null || data.isEmpty() ? null : new SseEvent(name, data.toString());
    name = SseEvent.UNNAMED;
    data = null;
    if (event != null) {
      events.accept(event);
    }
  }
}
