package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The page about the event bus")
class EventBusPageTest {

  private static final Pattern SECTION = Pattern.compile(
      "^### `(consoul\\.[a-z.]+)`$(.*?)(?=^##)", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern REQUEST =
      Pattern.compile("^\\| request `([a-z._]+)`", Pattern.MULTILINE);
  private static final Pattern EXAMPLE =
      Pattern.compile("```json\n(.*)\n(.*)\n```", Pattern.MULTILINE);

  private final String page;

  EventBusPageTest() throws IOException {
    page = Files.readString(Path.of("../docs/event-bus.md"));
  }

  private List<MatchResult> sections() {
    return SECTION.matcher(page).results().toList();
  }

  private static String found(Pattern pattern, String text, int group) {
    return pattern.matcher(text).results().findFirst().orElseThrow().group(group);
  }

  @Test
  @DisplayName("has a section for every address of a request, and names those of events")
  void everyAddress() {
    Stream<String> addresses =
        Arrays.stream(Addresses.class.getFields()).map(EventBusPageTest::value);
    List<String> requests = sections().stream().map(section -> section.group(1)).toList();
    assertThat(addresses)
        .allSatisfy(address -> assertThat(page).contains("`" + address + "`"))
        .filteredOn(address -> !address.startsWith("consoul.events."))
        .containsExactlyInAnyOrderElementsOf(requests);
  }

  @Test
  @DisplayName("names every message that an outsider sends or gets")
  void everyMessage() {
    List<WireType> internal = List.of(
        WireType.BATCH_END,
        WireType.TURN_ANSWER,
        WireType.TURN_STOP,
        WireType.TURN_STOPPED,
        WireType.TURN_FOLLOW,
        WireType.TURN_FOLLOWING,
        WireType.TURN_PROGRESS,
        WireType.TURN_RENEWED,
        WireType.TURN_SEAL,
        WireType.TURN_SEALED,
        WireType.TURN_HAND_ON,
        WireType.TURN_HANDED_ON,
        WireType.TURN_ABORT,
        WireType.TURN_ABORTED,
        WireType.PROVIDER_HELD,
        WireType.SWEEP,
        WireType.SWEPT,
        WireType.SESSION_FREE,
        WireType.SESSION_MOVED,
        WireType.SESSION_RECALL,
        WireType.SESSION_RECALLED,
        WireType.UNKNOWN);
    assertThat(WireType.values())
        .filteredOn(type -> !internal.contains(type))
        .allSatisfy(type -> assertThat(page).contains("`" + type.wireName()));
  }

  @Test
  @DisplayName("has examples that are read as the request that they show")
  void examples() {
    assertThat(sections()).allSatisfy(section -> {
      WireType type = WireType.named(found(REQUEST, section.group(2), 1));
      String session = TurnId.mint(new SessionId("s"), new java.util.Random(1)).value();
      String request = found(EXAMPLE, section.group(2), 1).replace("\"…\"", "\"" + session + "\"");
      assertThat(type.read(new JsonObject(request)).wireType()).isEqualTo(type);
      assertThat(new JsonObject(found(EXAMPLE, section.group(2), 2)).getString("type"))
          .isNotBlank();
    });
  }

  private static String value(Field constant) {
    try {
      return (String) constant.get(null);
    } catch (IllegalAccessException hidden) {
      throw new AssertionError(hidden);
    }
  }
}
