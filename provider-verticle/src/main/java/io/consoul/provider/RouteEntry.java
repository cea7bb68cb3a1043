package io.consoul.provider;

import io.consoul.config.ConfigReader;
import io.consoul.fault.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code routes} of provider.json. Every key, its default and its range stand here. */
final class RouteEntry {

  private static final int MAX_WEIGHT = 10_000;

  /** A target as it is written; its weight is null where it has none. */
  private record Written(Target target, Integer weight, Duration firstToken) {}

  private final ConfigReader entry;
  private final String name;
  private final Set<String> names;
  private final Routes targets;

  private RouteEntry(ConfigReader entry, String name, Set<String> names, Routes targets) {
    this.entry = entry;
    this.name = name;
    this.names = names;
    this.targets = targets;
  }

  /** @param targets finds the targets; it knows no routes */
  static List<Route> read(ConfigReader root, Routes targets) {
    List<ConfigReader> entries = root.sections("routes");
    List<String> all = entries.stream().map(each -> each.text("name", null, "")).toList();
    Set<String> names = new HashSet<>(all);
    Set<String> before = new HashSet<>();
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      RouteEntry reader = new RouteEntry(entries.get(i), all.get(i), names, targets);
      if (!before.add(all.get(i))) {
        entries.get(i).reject("name", "is used twice");
      }
      reader.route().ifPresent(routes::add);
    }
    return routes;
  }

  private Optional<Route> route() {
    if (name.isBlank() || name.length() > ModelEntry.MAX_NAME) {
      entry.reject("name", "must be 1 to " + ModelEntry.MAX_NAME + " characters");
    } else if (targets.namesProvider(name)) {
      entry.reject("name", "begins with a provider's name, and such a name never takes a route");
    }
    Optional<Duration> firstToken = firstToken(entry);
    List<ConfigReader> sections = entry.sections("targets", "model");
    List<Written> written =
        sections.stream().flatMap(section -> target(section).stream()).toList();
    entry.closed();
    if (sections.isEmpty()) {
      entry.reject("targets", "must name at least one model");
    }
    Set<Target> different = new HashSet<>();
    for (Written each : written) {
      if (!different.add(each.target)) {
        entry.reject("targets", "must not name " + each.target + " twice");
      }
    }
    return written.isEmpty()
        ? Optional.empty()
        : Optional.of(new Route(name, steps(written, firstToken.orElse(null))));
  }

  private Optional<Written> target(ConfigReader section) {
    String model = section.text("model", null, "");
    Integer weight = section.optionalInteger("weight", null, 0, MAX_WEIGHT).orElse(null);
    Duration firstToken = firstToken(section).orElse(null);
    section.closed();
    if (names.contains(model)) {
      section.reject(
          "model", "is the name of a route; a target is one model, written as provider/model");
      return Optional.empty();
    }
    try {
      Target target = targets.resolve(model).steps().get(0).target();
      return Optional.of(new Written(target, weight, firstToken));
    } catch (FaultException unknown) {
      section.reject("model", "does not resolve: " + unknown.getMessage());
      return Optional.empty();
    }
  }

  /** Where no weight is written they are asked in their order. */
  private static List<Route.Step> steps(List<Written> written, Duration firstToken) {
    boolean isWeighted = written.stream().anyMatch(each -> each.weight != null);
    List<Route.Step> steps = new ArrayList<>();
    for (Written each : written) {
      int weight = isWeighted || !steps.isEmpty() ? 0 : 1;
      steps.add(new Route.Step(
          each.target,
          each.weight == null ? weight : each.weight,
          each.firstToken == null ? firstToken : each.firstToken));
    }
    return steps;
  }

  private static Optional<Duration> firstToken(ConfigReader section) {
    return section
        .optionalDecimal("firstTokenSeconds", null, 0.1, 3_600)
        .map(seconds -> Duration.ofMillis(Math.round(seconds * 1_000)));
  }
}
