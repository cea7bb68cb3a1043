package io.consoul.launcher.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The message of a line in the text layout. A name that somebody else has chosen may be in it: it must not begin a line of its own. */
public final class MessageConverter extends ClassicConverter {

  @Override
  public String convert(ILoggingEvent line) {
    return Escapes.ofControls(String.valueOf(line.getFormattedMessage()));
  }
}
