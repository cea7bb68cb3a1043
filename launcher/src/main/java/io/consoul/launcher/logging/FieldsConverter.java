package io.consoul.launcher.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** The fields of a line in the text layout, behind its message: {@code key=value}, in quotes where it has to be. */
public final class FieldsConverter extends ClassicConverter {

  @Override
  public String convert(ILoggingEvent line) {
    List<KeyValuePair> fields = line.getKeyValuePairs();
    if (fields == null || fields.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (KeyValuePair field : fields) {
      text.append(' ').append(field.key).append('=');
      append(text, String.valueOf(field.value));
    }
    return text.toString();
  }

  /** What clients send may be in it: it must not look like another field or another line. */
  private static void append(StringBuilder text, String value) {
    if (!value.isEmpty() && value.chars().allMatch(FieldsConverter::isPlain)) {
      text.append(value);
      return;
    }
    text.append('"');
    value.chars().forEach(c -> {
      if (c == '"' || c == '\\') {
        text.append('\\').append((char) c);
      } else if (Escapes.isControl(c)) {
        text.append(Escapes.ofControl(c));
      } else {
        text.append((char) c);
      }
    });
    text.append('"');
  }

  private static boolean isPlain(int c) {
    return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
  }
}
