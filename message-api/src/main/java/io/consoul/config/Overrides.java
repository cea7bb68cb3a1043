package io.consoul.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Values that stand above the JSON files: environment variables, and above those the command line, each under the
 * variable's name.
 */
public final class Overrides {

  /** Kubernetes sets {@code CONSOUL_PORT=tcp://…} for a Service of our name: not meant for us. */
  private static final Pattern SERVICE_LINK = Pattern.compile("(tcp|udp|sctp)://.*");

  /** What Kubernetes sets beside it, also for a Service called consoul-redis. */
  private static final Pattern SERVICE_NAME =
      Pattern.compile("CONSOUL_(.+_)?(SERVICE_(HOST|PORT.*)|PORT_\\d+_(TCP|UDP|SCTP).*)");

  /** A value and where it came from, for messages. */
  public record Value(String text, String origin) {}

  private final Map<String, Value> values = new TreeMap<>();
  private final Map<String, String> environment;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> warnings = new LinkedHashSet<>();

  /** An empty variable counts as not set: that is what compose files make of one that is missing. */
  public Overrides(Map<String, String> environment) {
    this.environment = new LinkedHashMap<>(environment);
    environment.forEach((name, text) -> {
      if (SERVICE_LINK.matcher(text).matches() && name.startsWith("CONSOUL_")) {
        warnings.add(
            name
                + " holds a Kubernetes service address and is passed over; set enableServiceLinks: false");
      } else if (!text.isBlank()) {
        values.put(name, new Value(text.strip(), name));
      }
    });
  }

  /** @param origin what the user typed, such as {@code --port} */
  public Overrides with(String variable, String text, String origin) {
    values.put(variable, new Value(text, origin));
    return this;
  }

  /** Looks a variable up, and notes that it is known. */
  public Optional<Value> find(String variable) {
    asked.add(variable);
    return Optional.ofNullable(values.get(variable));
  }

  /** For {@code ${env:NAME}} in a file. */
  Optional<String> environment(String name) {
    return Optional.ofNullable(environment.get(name));
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  /** What was passed over, and variables of ours that nobody asked for. Call it when everything has been read. */
  public Set<String> warnings() {
    Set<String> all = new LinkedHashSet<>(warnings);
    values.keySet().stream()
        .filter(name -> name.startsWith("CONSOUL_") && !asked.contains(name))
        .filter(name -> !SERVICE_NAME.matcher(name).matches())
        .map(name -> name + " is not known to this version and has no effect"
            + Nearest.to(name, asked)
                .map(known -> "; did you mean " + known + "?")
                .orElse(""))
        .forEach(all::add);
    return all;
  }
}
