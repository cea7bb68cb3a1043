package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The cluster files of ops/")
class ClusterFilesTest {

  private static final Pattern NETWORK = Pattern.compile("(?s)<network>.*?</network>");

  @ParameterizedTest
  @DisplayName(
      "are cluster.xml with another one of its network blocks, and a fixed port of the event bus")
  @CsvSource({"compose, 1", "kubernetes, 2"})
  void derived(String folder, int block) {
    String original = OpsFiles.text("cluster.xml");
    List<String> networks =
        NETWORK.matcher(original).results().map(MatchResult::group).toList();
    String expected = NETWORK
        .matcher(bare(original))
        .replaceFirst(found -> Matcher.quoteReplacement(networks.get(block)))
        .replace("consoul.event-bus.port\">0<", "consoul.event-bus.port\">5710<")
        .replaceAll(
            "<service-dns>.*</service-dns>", "<service-dns>\\${CONSOUL_CLUSTER_DNS}</service-dns>");

    assertThat(bare(OpsFiles.text("ops/" + folder + "/cluster.xml")))
        .isEqualToIgnoringWhitespace(expected);
  }

  private static String bare(String text) {
    return text.replaceAll("(?s)<!--.*?-->", "");
  }
}
