package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.Rule;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** With {@code -Dconsoul.write=true} it writes what it otherwise compares. */
@DisplayName("The reference of the configuration")
class ConfigReferenceTest {

  private static final Path HOME = Path.of("..");

  private static final String WRITE =
      "run: mvn -q test -pl launcher -am -Dtest=ConfigReferenceTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dconsoul.write=true";

  private final Meanings meanings = Meanings.read();

  ConfigReferenceTest() throws IOException {}

  @Test
  @DisplayName("says of every key what it is for, and of nothing else")
  void meanings() {
    List<Rule> rules =
        Settings.files().stream().flatMap(file -> Settings.of(file).stream()).toList();

    assertThat(rules)
        .filteredOn(rule -> meanings.of(rule).isEmpty())
        .extracting(rule -> rule.file() + ": " + rule.key())
        .as("keys without a sentence in launcher/%s", Meanings.SOURCE)
        .isEmpty();
    assertThat(meanings.left(rules))
        .as("sentences in launcher/%s whose key nothing reads", Meanings.SOURCE)
        .isEmpty();
  }

  @Test
  @DisplayName("in docs/configuration.md is what the records read")
  void page() throws IOException {
    Path page = HOME.resolve("docs/configuration.md");
    compare(page, new ConfigPage(meanings).renew(Files.readString(page)));
    assertThat(Settings.files())
        .allSatisfy(file -> assertThat(Files.readString(page)).contains("<!-- keys of " + file));
  }

  @Test
  @DisplayName("in the schemas of conf/schema is what the records read")
  void schemas() throws IOException {
    for (String file : Settings.files()) {
      Path path = HOME.resolve("conf/schema").resolve(file.replace(".json", ".schema.json"));
      JsonObject schema = new ConfigSchema(meanings).of(file);
      compare(path, schema.encodePrettily().replace("\r\n", "\n") + "\n");
    }
  }

  private static void compare(Path path, String made) throws IOException {
    if (Boolean.getBoolean("consoul.write")) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, made);
    }
    String there = Files.exists(path) ? Files.readString(path) : "";
    assertThat(made.lines().filter(line -> there.lines().noneMatch(line::equals)))
        .as("lines that %s lacks; if the change is meant, %s", path.getFileName(), WRITE)
        .isEmpty();
    assertThat(there)
        .as("%s; if the change is meant, %s", path.getFileName(), WRITE)
        .isEqualTo(made);
  }
}
