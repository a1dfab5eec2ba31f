using GpuActors.Core.Histories;
using GpuActors.Learning.Histories;

namespace GpuActors.Learning.Tests.Histories;

public sealed class HistoryFileTests
{
    private const string Header = "gpu,location,inserted,removed,event\n";

    [Fact]
    public void A_line_is_a_span()
    {
        var span = Assert.Single(Read(Header + "A1,\"c1-2, left\",2017-04-09 21:36:19,2018-01-02T00:00:00Z,DBE\n").Spans);

        Assert.Equal(new LifeSpan("A1", "c1-2, left", Ms("2017-04-09T21:36:19Z"), Ms("2018-01-02T00:00:00Z"), "DBE"), span);
    }

    [Fact]
    public void Columns_are_found_by_the_given_names_in_any_order()
    {
        var columns = HistoryColumns.Parse(["gpu=SN", "inserted=insert", "removed=remove"]);

        var span = Assert.Single(Read("x,event,remove,INSERT,location,SN\n1,,,2017-01-01,here,A1\n", columns).Spans);

        Assert.Equal(new LifeSpan("A1", "here", Ms("2017-01-01T00:00:00Z"), null, null), span);
    }

    [Fact]
    public void A_date_without_zone_has_the_zone_of_the_log_and_one_with_zone_its_own()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

        var file = Read(Header + "A,,2017-07-01 00:00:00,,\nB,,2017-12-01,,\nC,,2017-07-01T00:00:00+02:00,,\n", zone: zone);

        Assert.Equal(
            [Ms("2017-07-01T04:00:00Z"), Ms("2017-12-01T05:00:00Z"), Ms("2017-06-30T22:00:00Z")],
            file.Spans.Select(span => span.InsertedMs!.Value)
        );
    }

    [Fact]
    public void A_gpu_that_was_in_service_at_the_end_of_the_log_was_not_removed()
    {
        var end = Ms("2019-08-01T00:00:00Z");
        const string Lines = "A,,2017-01-01,2019-08-01,\nB,,2017-01-01,2019-07-31,\nC,,2017-01-01,2019-08-01,DBE\n";

        var spans = Read(Header + Lines, until: end).Spans;

        Assert.Equal([null, Ms("2019-07-31T00:00:00Z"), end], spans.Select(span => span.RemovedMs));
    }

    [Theory]
    [InlineData(",here,2017-01-01,,", "gpu is empty")]
    [InlineData("A,here,,,", "inserted is empty")]
    [InlineData("A,here,2017-01-01,,DBE", "event = 'DBE', but removed is empty")]
    [InlineData("A,here,2017-13-01,,", "inserted = '2017-13-01'")]
    [InlineData("A,here,2017-01-01,soon,", "removed = 'soon'")]
    [InlineData("A,here,2017-01-02,2017-01-01,", "removed = '2017-01-01' is before inserted = '2017-01-02'")]
    [InlineData("A,here,2017-01-01", "it has 3 fields: the header has 5")]
    public void A_bad_line_is_an_error_with_its_number_and_the_others_are_read(string line, string reason)
    {
        var file = Read(Header + "A,here,2017-01-01,,\n" + line + "\nB,here,2017-01-01,,\n");

        var error = Assert.Single(file.Errors);
        Assert.Equal(3, error.Line);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Equal(["A", "B"], file.Spans.Select(span => span.Gpu));
    }

    [Fact]
    public void A_missing_column_is_named_with_the_columns_that_there_are()
    {
        var e = Assert.Throws<InvalidDataException>(() => Read("SN,location,inserted,removed,event\n"));

        Assert.Equal(
            "the file has no column 'gpu' (it has SN, location, inserted, removed, event): name the column with --column gpu=NAME",
            e.Message
        );
    }

    [Fact]
    public void An_empty_file_is_refused() => Assert.Throws<InvalidDataException>(() => Read(""));

    [Theory]
    [InlineData("serial=SN")]
    [InlineData("gpu")]
    [InlineData("gpu=")]
    public void An_unknown_assignment_of_a_column_is_refused(string assignment) =>
        Assert.Contains(
            $"'{assignment}'",
            Assert.Throws<FormatException>(() => HistoryColumns.Parse([assignment])).Message,
            StringComparison.Ordinal
        );

    private static HistoryFile Read(string text, HistoryColumns? columns = null, TimeZoneInfo? zone = null, long? until = null) =>
        HistoryFile.Read(new StringReader(text), columns ?? new HistoryColumns(), zone ?? TimeZoneInfo.Utc, until);

    private static long Ms(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
