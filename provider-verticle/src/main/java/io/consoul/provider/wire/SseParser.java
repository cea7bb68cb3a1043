package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads server-sent events from bytes that are cut anywhere, even inside a character. Lines end with LF, CRLF or CR;
 * comments, ids and retry times are passed over.
 */
public final class SseParser {

  /** Longest line, and most data of one event, in bytes: more is no event of a sane server. */
  public static final int LIMIT = 1 << 20;

  private static final int FIRST_CAPACITY = 512;

  /** All names of fields; a comment's is empty. */
  private static final Set<String> FIELDS = Set.of("data", "event", "id", "retry", "");

  private final Consumer<String> strayLines;
  private byte[] line = new byte[FIRST_CAPACITY];
  private int length;
  private boolean afterCarriageReturn;
  private boolean atStart = true;
  private String name = SseEvent.UNNAMED;
  private StringBuilder data;

  public SseParser() {
    this(line -> {});
  }

  /** @param strayLines called for every line that is no part of an event, also for the last one without its end */
  public SseParser(Consumer<String> strayLines) {
    this.strayLines = strayLines;
  }

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
    String rest = takeLine();
    if (isStray(fieldOf(rest))) {
      strayLines.accept(rest);
    }
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

  private String takeLine() {
    int from = 0;
    if (atStart) {
      atStart = false;
      from = hasByteOrderMark() ? 3 : 0;
    }
    String text = new String(line, from, length - from, UTF_8);
    length = 0;
    return text;
  }

  private void endOfLine(Consumer<SseEvent> events) {
    String text = takeLine();
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

  private static String fieldOf(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  private static boolean isStray(String field) {
    return !FIELDS.contains(field);
  }

  private void field(String text) {
    int colon = text.indexOf(':');
    String field = fieldOf(text);
    int start = colon < 0 ? text.length() : colon + 1;
    String value =
        text.substring(start < text.length() && text.charAt(start) == ' ' ? start + 1 : start);
    if (field.equals("data")) {
      addData(value);
    } else if (field.equals("event")) {
      name = value.isEmpty() ? SseEvent.UNNAMED : value;
    } else if (isStray(field)) {
      strayLines.accept(text);
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
