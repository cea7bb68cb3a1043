package io.consoul.launcher.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The screen of a program")
class PlainScreenTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final PlainScreen screen = new PlainScreen(new PrintWriter(out), new PrintWriter(err));

  @Test
  @DisplayName("has the answer as it is, and errors without what a terminal would obey")
  void control() {
    screen.print("a\u001b[2J");
    screen.error("E900 \u001b]0;renamed\u0007failed");

    assertThat(out).hasToString("a\u001b[2J\n");
    assertThat(err.toString()).isEqualToIgnoringNewLines("E900 ]0;renamedfailed");
  }
}
