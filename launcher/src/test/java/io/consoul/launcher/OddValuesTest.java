package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReport;
import io.consoul.config.ConfigReport.Setting;
import io.consoul.config.Overrides;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes the files of conf/, puts what does not belong there in the place of each value in turn, and reads them. */
@DisplayName("A configuration with odd values")
class OddValuesTest {

  private static final List<Object> VALUES = List.of(
      "",
      "[",
      "${file:\u0000}",
      "1e999999999",
      true,
      -1,
      1e308,
      new JsonArray().addNull(),
      new JsonArray().add("").add(" "),
      new JsonArray().add(1).add(new JsonArray()),
      new JsonArray().add(new JsonObject().putNull("").put("name", "").put("key", 1)),
      new JsonObject().put("", new JsonArray().addNull()).put("a", 1));

  @TempDir
  private Path conf;

  /** What failed, and where, each with a configuration for which it did. */
  private final Map<String, String> failures = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"gateway.json", "session.json", "provider.json", "gc.json", "node.json"})
  @DisplayName("is told as such: nothing in a file, wherever it stands, makes its reading fail")
  void files(String file) throws Exception {
    JsonObject json = new JsonObject(Files.readString(Path.of("..", "conf", file)));
    List<Consumer<Object>> places = new ArrayList<>();
    places(json, places);
    for (Consumer<Object> place : places) {
      for (Object value : VALUES) {
        place.accept(value);
        Files.writeString(conf.resolve(file), json.encode());
        read(Map.of(), json.encode());
      }
      place.accept(null);
    }

    assertThat(failures).isEmpty();
  }

  @Test
  @DisplayName("is told as such: nothing in a variable makes its reading fail")
  void variables() {
    ConfigReport report = read(Map.of(), "");
    List<String> names = report.settings().stream()
        .map(Setting::variable)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
    assertThat(names).hasSizeGreaterThan(50);
    for (String name : names) {
      for (Object value : VALUES) {
        read(Map.of(name, value.toString()), name + "=" + value);
      }
    }

    assertThat(failures).isEmpty();
  }

  private ConfigReport read(Map<String, String> environment, String description) {
    ConfigReport report = new ConfigReport();
    try {
      Configuration.read(new ConfigFolder(conf), new Overrides(environment), report);
    } catch (RuntimeException failure) {
      StackTraceElement ours = Stream.of(failure.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("io.consoul."))
          .findFirst()
          .orElseThrow();
      failures.put(failure + " at " + ours, description);
    }
    return report;
  }

  private static void places(JsonObject json, List<Consumer<Object>> places) {
    for (String key : List.copyOf(json.fieldNames())) {
      Object value = json.getValue(key);
      if (value instanceof JsonObject object) {
        places(object, places);
      } else if (value instanceof JsonArray array) {
        // the others are read as the first one is
        array.stream()
            .limit(1)
            .filter(JsonObject.class::isInstance)
            .forEach(first -> places((JsonObject) first, places));
      }
      places.add(odd -> json.put(key, odd == null ? value : odd));
    }
  }
}
