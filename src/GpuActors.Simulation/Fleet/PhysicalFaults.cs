namespace GpuActors.Simulation.Fleet;

/// <summary>The faults that act on load, power, temperature or clocks.</summary>
/// <param name="Idle">No load.</param>
/// <param name="PowerBrake">The power brake halves clocks and power.</param>
/// <param name="HwThermal">Temperature at the slowdown limit.</param>
/// <param name="SwThermal">Software thermal slowdown, 18 °C warmer.</param>
internal readonly record struct PhysicalFaults(bool Idle, bool PowerBrake, bool HwThermal, bool SwThermal);
