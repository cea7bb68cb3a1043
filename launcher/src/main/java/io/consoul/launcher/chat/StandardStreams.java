package io.consoul.launcher.chat;

import java.io.IOException;
import java.util.Map;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/** Which of the process's streams are a terminal: {@code System.console()} knows only about both at once. */
record StandardStreams(boolean inIsTerminal, boolean outIsTerminal) {

  static StandardStreams ofThisProcess() {
    for (String name : new String[] {"jni", "exec"}) {
      try {
        TerminalProvider provider = TerminalProvider.load(name);
        return new StandardStreams(
            provider.isSystemStream(SystemStream.Input),
            provider.isSystemStream(SystemStream.Output));
      } catch (IOException | LinkageError missing) {
        continue; // no native library for this machine, or nowhere to unpack it
      }
    }
    return new StandardStreams(false, false);
  }

  boolean areTerminal() {
    return inIsTerminal && outIsTerminal;
  }

  /** See no-color.org. */
  static boolean coloured(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }
}
