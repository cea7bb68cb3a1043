package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@DisplayName("The help of a command")
class HelpTest {

  @Test
  @DisplayName("is printed and nothing else is done, for every command, the hidden ones too")
  void every() {
    Set<String> commands = new CommandLine(new ServeCommand()).getSubcommands().keySet();
    assertThat(commands).contains("train", "check", "health", "cluster", "chat");
    for (String command : commands) {
      for (String option : List.of("--help", "-h")) {
        assertThat(printed(command, option)).startsWith("Usage: consoul " + command + " ");
      }
    }
    assertThat(printed("--help")).startsWith("Usage: consoul ");
  }

  private static String printed(String... arguments) {
    StringWriter output = new StringWriter();
    CommandLine consoul = new CommandLine(new ServeCommand()).setOut(new PrintWriter(output));
    assertThat(consoul.execute(arguments)).isZero();
    return output.toString();
  }
}
