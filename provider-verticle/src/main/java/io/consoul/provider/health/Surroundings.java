package io.consoul.provider.health;

import io.consoul.message.BreakerChanged;
import io.consoul.message.ProviderHeld;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The node that the healths are on, and its way to the others.
 *
 * @param node its id
 * @param isThere whether another node is in the cluster
 * @param breakers tells all nodes; called in order, and must not wait
 * @param holds likewise
 */
record Surroundings(
    String node,
    InstantSource clock,
    MeterRegistry meters,
    Predicate<String> isThere,
    Consumer<BreakerChanged> breakers,
    Consumer<ProviderHeld> holds) {}
