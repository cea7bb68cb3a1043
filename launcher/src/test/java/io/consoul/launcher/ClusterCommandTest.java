package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@DisplayName("The command that starts a cluster to try out")
class ClusterCommandTest {

  @ParameterizedTest
  @DisplayName("starts nothing where it is asked for too many nodes or too few")
  @CsvSource({
    "--nodes=0, '--nodes must be from 1 to 9, got 0'",
    "--nodes=10, '--nodes must be from 1 to 9, got 10'",
    "--split --nodes=2, '--split needs --nodes 3 or more, got 2'",
    "--port=x, ' - --port must be an integer from 0 to 65535, got x'"
  })
  void refused(String options, String message) {
    StringWriter errors = new StringWriter();
    CommandLine consoul = new CommandLine(new ServeCommand()).setErr(new PrintWriter(errors));

    int status = consoul.execute(("cluster " + options).split(" "));

    assertThat(status).isEqualTo(2);
    assertThat(errors.toString().lines()).contains(message);
  }
}
